from aws_cdk import (
    App,
    Duration,
    Stack,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_kms as kms,
    aws_logs as logs,
    aws_scheduler as scheduler,
    aws_secretsmanager as secretsmanager,
    aws_sqs as sqs,
)
from cdk_sp_api_secret_rotation import RotationMode, RotationWindow, SpApiRegion, SpApiSecretRotation

app = App(analytics_reporting=False)
stack = Stack(app, "Consumer")

rotation = SpApiSecretRotation(
    stack,
    "Rotation",
    mode=RotationMode.NOTIFY_ONLY,
    schedule=scheduler.ScheduleExpression.rate(Duration.minutes(30)),
    encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
    log_retention=logs.RetentionDays.TWO_YEARS,
    rotation_window=RotationWindow.weekdays(opens_at="09:00", closes_at="16:00", time_zone="Europe/Berlin"),
)
shop = rotation.add_application(
    "Shop",
    region=SpApiRegion.EUROPE,
    rotate_after=Duration.days(60),
)
rotation.add_application(
    "Warehouse",
    secret=secretsmanager.Secret.from_secret_name_v2(stack, "Warehouse", "warehouse/sp-api"),
    region=SpApiRegion.of("https://sellingpartnerapi-fe.amazon.com/"),
    mode=RotationMode.AUTOMATIC,
    client_id_field="LWA_APP_ID",
    client_secret_field="LWA_CLIENT_SECRET",
)
rotation.add_application(
    "Till",
    client_id="amzn1.application-oa2-client.0123456789abcdef",
    client_secret_field="/lwa/secret",
)

shop.grant_read(iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")))
rotation.on_secret_rotated(
    "Rotated",
    description="Tells those who use the secret",
    target=targets.SqsQueue(sqs.Queue(stack, "Rotations")),
)

app.synth()
