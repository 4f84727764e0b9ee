import { NotEmulated } from './aws-error';
import { matchesWildcards } from './policy';

/**
 * A filter pattern of CloudWatch Logs, as a test of a message: terms of which all or, each with a `?`, any occur; or one
 * comparison of a member of a JSON message with a text.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern: string): (message: string) => boolean {
  const [, path, wanted] = /^\{ *\$\.([\w.]+) *= *"([^"]*)" *\}$/.exec(pattern) ?? [];
  if (path !== undefined && wanted !== undefined) {
    return (message) => matchesWildcards(wanted, textAt(message, path.split('.')) ?? '\0');
  }
  const terms = [...pattern.matchAll(/\?"[^"]*"|"[^"]*"|\S+/g)].map(([term]) => term);
  const optional = terms.filter((term) => term.startsWith('?'));
  if ((optional.length > 0 && optional.length < terms.length) || terms.some((term) => /^[-{[%]/.test(term))) {
    throw new NotEmulated(`the filter pattern ${pattern}`);
  }
  const texts = terms.map((term) => term.replace(/^\?/, '').replace(/^"(.*)"$/, '$1'));
  return optional.length > 0
    ? (message) => texts.some((text) => message.includes(text))
    : (message) => texts.every((text) => message.includes(text));
}

function textAt(message: string, path: readonly string[]): string | undefined {
  try {
    const found = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | null)?.[key],
      JSON.parse(message),
    );
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}
