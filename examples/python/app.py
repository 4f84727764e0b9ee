from aws_cdk import App, Stack, aws_sns as sns, aws_sns_subscriptions as subscriptions
from cdk_sp_api_secret_rotation import SpApiRegion, SpApiSecretRotation

app = App()
stack = Stack(app, "OneApplication")

# Whoever is to hear of it when something is wrong. AWS asks the address for a confirmation first.
people = sns.Topic(stack, "OnCall", enforce_ssl=True)
people.add_subscription(subscriptions.EmailSubscription("on-call@example.com"))

rotation = SpApiSecretRotation(stack, "Rotation", alarm_topic=people)
rotation.add_application("Shop", region=SpApiRegion.EUROPE)

app.synth()
