package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	rotations "github.com/cdk-sp-api-secret-rotation/cdk-sp-api-secret-rotation-go/cdkspapisecretrotation"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	stack := awscdk.NewStack(app, jsii.String("Consumer"), nil)

	rotation := rotations.NewSpApiSecretRotation(stack, jsii.String("Rotation"), &rotations.SpApiSecretRotationProps{
		Mode:          rotations.RotationMode_NOTIFY_ONLY,
		Schedule:      awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(30))),
		EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
		LogRetention:  awslogs.RetentionDays_TWO_YEARS,
		RotationWindow: rotations.RotationWindow_Weekdays(&rotations.RotationHours{
			OpensAt:  jsii.String("09:00"),
			ClosesAt: jsii.String("16:00"),
			TimeZone: jsii.String("Europe/Berlin"),
		}),
	})
	shop := rotation.AddApplication(jsii.String("Shop"), &rotations.SpApiApplicationProps{
		Region:      rotations.SpApiRegion_EUROPE(),
		RotateAfter: awscdk.Duration_Days(jsii.Number(60)),
	})
	rotation.AddApplication(jsii.String("Warehouse"), &rotations.SpApiApplicationProps{
		Secret:            awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Warehouse"), jsii.String("warehouse/sp-api")),
		Region:            rotations.SpApiRegion_Of(jsii.String("https://sellingpartnerapi-fe.amazon.com/")),
		Mode:              rotations.RotationMode_AUTOMATIC,
		ClientIdField:     jsii.String("LWA_APP_ID"),
		ClientSecretField: jsii.String("LWA_CLIENT_SECRET"),
	})
	rotation.AddApplication(jsii.String("Till"), &rotations.SpApiApplicationProps{
		ClientId:          jsii.String("amzn1.application-oa2-client.0123456789abcdef"),
		ClientSecretField: jsii.String("/lwa/secret"),
	})

	shop.GrantRead(awsiam.NewRole(stack, jsii.String("Reader"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	}))
	rotation.OnSecretRotated(jsii.String("Rotated"), &awsevents.OnEventOptions{
		Description: jsii.String("Tells those who use the secret"),
		Target:      awseventstargets.NewSqsQueue(awssqs.NewQueue(stack, jsii.String("Rotations"), nil), nil),
	})

	app.Synth(nil)
}
