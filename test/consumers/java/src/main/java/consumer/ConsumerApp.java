package consumer;

import io.github.cdkspapisecretrotation.RotationHours;
import io.github.cdkspapisecretrotation.RotationMode;
import io.github.cdkspapisecretrotation.RotationWindow;
import io.github.cdkspapisecretrotation.SpApiApplication;
import io.github.cdkspapisecretrotation.SpApiApplicationProps;
import io.github.cdkspapisecretrotation.SpApiRegion;
import io.github.cdkspapisecretrotation.SpApiSecretRotation;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.OnEventOptions;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.scheduler.ScheduleExpression;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sqs.Queue;

public final class ConsumerApp {
    public static void main(final String[] arguments) {
        App app = new App(AppProps.builder().analyticsReporting(false).build());
        Stack stack = new Stack(app, "Consumer");

        SpApiSecretRotation rotation = SpApiSecretRotation.Builder.create(stack, "Rotation")
                .mode(RotationMode.NOTIFY_ONLY)
                .schedule(ScheduleExpression.rate(Duration.minutes(30)))
                .encryptionKey(Key.Builder.create(stack, "Key").enableKeyRotation(true).build())
                .logRetention(RetentionDays.TWO_YEARS)
                .rotationWindow(RotationWindow.weekdays(RotationHours.builder()
                        .opensAt("09:00")
                        .closesAt("16:00")
                        .timeZone("Europe/Berlin")
                        .build()))
                .build();
        SpApiApplication shop = rotation.addApplication("Shop", SpApiApplicationProps.builder()
                .region(SpApiRegion.EUROPE)
                .rotateAfter(Duration.days(60))
                .build());
        rotation.addApplication("Warehouse", SpApiApplicationProps.builder()
                .secret(Secret.fromSecretNameV2(stack, "Warehouse", "warehouse/sp-api"))
                .region(SpApiRegion.of("https://sellingpartnerapi-fe.amazon.com/"))
                .mode(RotationMode.AUTOMATIC)
                .clientIdField("LWA_APP_ID")
                .clientSecretField("LWA_CLIENT_SECRET")
                .build());
        rotation.addApplication("Till", SpApiApplicationProps.builder()
                .clientId("amzn1.application-oa2-client.0123456789abcdef")
                .clientSecretField("/lwa/secret")
                .build());

        shop.grantRead(Role.Builder.create(stack, "Reader")
                .assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com"))
                .build());
        rotation.onSecretRotated("Rotated", OnEventOptions.builder()
                .description("Tells those who use the secret")
                .target(new SqsQueue(new Queue(stack, "Rotations")))
                .build());

        app.synth();
    }

    private ConsumerApp() {
    }
}
