from aws_cdk import App, Stack, aws_sns as sns
from cdk_sp_api_secret_rotation import SpApiRegion, SpApiSecretRotation

app = App()
stack = Stack(app, "OneApplication")

rotation = SpApiSecretRotation(
    stack,
    "Rotation",
    # Subscribe whoever is to hear of it when something is wrong.
    alarm_topic=sns.Topic(stack, "OnCall", enforce_ssl=True),
)
rotation.add_application("Shop", region=SpApiRegion.EUROPE)

app.synth()
