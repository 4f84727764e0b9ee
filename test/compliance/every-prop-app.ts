import { App } from 'aws-cdk-lib';
import { everyPropStack } from './every-prop';

// For scripts/lint-templates.mjs.
everyPropStack(new App());
