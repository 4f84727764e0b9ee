from aws_cdk import App, Stack
from cdk_sp_api_secret_rotation import SpApiRegion, SpApiSecretRotation

app = App()
stack = Stack(app, "OneApplication")

rotation = SpApiSecretRotation(stack, "Rotation")
rotation.add_application("Shop", region=SpApiRegion.EUROPE)

app.synth()
