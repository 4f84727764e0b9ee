// Prints the widgets of a hub's dashboard, with … for what only a deployment knows.
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SpApiSecretRotation } from '../lib';

const stack = new Stack(new App({ analyticsReporting: false }), 'SpApiSecrets');
new SpApiSecretRotation(stack, 'Rotation', { dashboard: true }).addApplication('Shop');
const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard')) as {
  readonly Properties: { readonly DashboardBody: { readonly 'Fn::Join': [string, unknown[]] } };
}[];
const parts = dashboard?.Properties.DashboardBody['Fn::Join'][1] ?? [];
console.log(parts.map((part) => (typeof part === 'string' ? part : '…')).join(''));
