/** Description of the stack output that holds the name of the rotate function, by which the operators' command finds it. */
export const ROTATE_FUNCTION_OUTPUT =
  'Function to ask for the state of the client secrets: npx cdk-sp-api-secret-rotation status';
