import os

from aws_cdk import App, Stack, aws_sns as sns
from cdk_sp_api_secret_rotation import RotationWindow, SpApiRegion, SpApiSecretRotation

app = App(analytics_reporting=False)
stack = Stack(app, "Operated")

rotation = SpApiSecretRotation(
    stack,
    "Rotation",
    lwa_token_url=os.environ["LWA_TOKEN_URL"],
    alarm_topic=sns.Topic(stack, "OnCall"),
    rotation_window=RotationWindow.weekdays(opens_at="09:00", closes_at="16:00", time_zone="Europe/Berlin"),
)
region = SpApiRegion.of(os.environ["SP_API_ENDPOINT"])
rotation.add_application("Shop", region=region)
rotation.add_application("Nested", region=region, client_id_field="/lwa/id", client_secret_field="/lwa/secret")
rotation.add_application("Bare", region=region, client_id=os.environ["CLIENT_ID"])

app.synth()
