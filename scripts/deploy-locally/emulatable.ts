interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Metrics?: unknown };
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/**
 * A template that MiniStack can deploy, and how it differs. MiniStack refuses alarms on metric math, and gives a function URL
 * the host that it would have at AWS, which it serves below a path of its own.
 */
export function emulatable(
  template: Template,
  url: string,
): { readonly changed: Template; readonly differences: readonly string[] } {
  const resources = Object.entries(template.Resources);
  const isRefused = ({ Type, Properties }: Resource): boolean =>
    Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined;
  const refused = resources.filter(([, resource]) => isRefused(resource));
  const kept = { ...template, Resources: Object.fromEntries(resources.filter(([, resource]) => !isRefused(resource))) };
  return {
    changed: withLocalUrls(kept, `${url}/_aws/lambda-url/`) as Template,
    differences: [
      `${refused.length} alarms on metric math are left out`,
      'the function URL is called at the emulator, over http',
      'the emulator is started with two rules of PutSecretValue that it lacks',
    ],
  };
}

function withLocalUrls(part: unknown, base: string): unknown {
  if (Array.isArray(part)) {
    return part.map((one) => withLocalUrls(one, base));
  }
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  const reference = (part as { readonly 'Fn::GetAtt'?: readonly string[] })['Fn::GetAtt'];
  if (reference?.[1] === 'FunctionUrl') {
    const host = { 'Fn::Select': [2, { 'Fn::Split': ['/', part] }] };
    return { 'Fn::Join': ['', [base, { 'Fn::Select': [0, { 'Fn::Split': ['.', host] }] }, '/']] };
  }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withLocalUrls(value, base)]));
}
