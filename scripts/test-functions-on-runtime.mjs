// Runs the suites of the functions with AWS's Runtime Interface Emulator as their Lambda Runtime API. Needs Go and Linux.
//
//   npm run test:runtime
import { emulatorVariable } from '../local-cloud/scripts/runtime-interface-emulator.mjs';
import { runFunctionSuites } from './function-suites.mjs';

/** What the functions answer to people and to the queue, throw and print. */
const SUITES = ['sunny', 'deliveries', 'messages', 'leaks'];

process.exitCode = runFunctionSuites(process.argv.slice(2), emulatorVariable(), SUITES);
