import { AMAZON_NOTIFICATION_ACCOUNT } from '../../../lib/contract/amazon';

/** What is not documented of Amazon's requests is unknown. */
export type Answer = 'yes' | 'no' | 'unknown';

/** What a condition key may be in one of Amazon's requests. */
type Value =
  | string
  /** The key is not in the request. */
  | undefined
  /** Something that nobody but Amazon knows, and so nobody writes into a policy letter by letter. */
  | typeof FOREIGN
  | typeof ANYTHING;

const FOREIGN = Symbol('foreign');
const ANYTHING = Symbol('anything');

const WHATEVER: readonly Value[] = [undefined, ANYTHING];

/**
 * What is known of Amazon's requests: they come over TLS, from a principal of its own account, which is in no organization of
 * a customer.
 */
function possibleValues(key: string, queueArn: string): readonly Value[] {
  const [, , , region, account] = queueArn.split(':');
  const known: Readonly<Record<string, readonly Value[]>> = {
    'aws:principalaccount': [AMAZON_NOTIFICATION_ACCOUNT],
    'aws:principalarn': [`arn:aws:iam::${AMAZON_NOTIFICATION_ACCOUNT}:`],
    'aws:principalisawsservice': ['false'],
    'aws:principalorgid': [undefined, FOREIGN],
    'aws:principalorgpaths': [undefined, FOREIGN],
    'aws:securetransport': ['true'],
    'aws:requestedregion': [region],
    'aws:resourceaccount': [account],
  };
  return known[key] ?? WHATEVER;
}

/** All of its operators and all of their keys must hold. */
export function conditionsHold(
  conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  queueArn: string,
): Answer {
  return all(
    Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([name, patterns]) => {
        // Names of keys are not case-sensitive.
        const key = name.toLowerCase();
        return sameForAll(possibleValues(key, queueArn).map((value) => holds(operator, key, value, patterns)));
      }),
    ),
  );
}

const OPERATOR = /^(?:(forallvalues|foranyvalue):)?(.+?)(ifexists)?$/;
const COMPARISON = /^(string|arn|bool)(not)?(equals|like)?(ignorecase)?$/;

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(operator: string, key: string, value: Value, patterns: readonly string[]): Answer {
  const [, quantifier, name = '', ifExists] = OPERATOR.exec(operator.toLowerCase()) ?? [];
  if (name === 'null') {
    return any(patterns.map((text) => of(text.toLowerCase() === String(value === undefined))));
  }
  const comparison = comparisonOf(name);
  if (value === undefined) {
    return quantifier === undefined ? absent(comparison, ifExists !== undefined) : of(quantifier === 'forallvalues');
  }
  if (comparison === undefined) {
    return 'unknown';
  }
  const { fold, isPattern, isNegated } = comparison;
  const equal = any(patterns.map((pattern) => compare(fold(pattern), value, key, isPattern)));
  return isNegated ? not(equal) : equal;
}

interface Comparison {
  readonly isNegated: boolean;
  /** Whether `*` and `?` stand for other characters. */
  readonly isPattern: boolean;
  readonly fold: (text: string) => string;
}

/** `undefined` for those that compare numbers, dates, addresses and what else is not known of Amazon's requests. */
function comparisonOf(operator: string): Comparison | undefined {
  const [found, type, isNegated, way, ignoresCase] = COMPARISON.exec(operator) ?? [];
  return found === undefined
    ? undefined
    : {
        isNegated: isNegated !== undefined,
        isPattern: way === 'like' || type === 'arn',
        fold: ignoresCase !== undefined || type === 'bool' ? (text) => text.toLowerCase() : String,
      };
}

/** A key that is not in the request matches nothing: so a negated comparison holds. */
function absent(comparison: Comparison | undefined, ifExists: boolean): Answer {
  if (ifExists || comparison?.isNegated === true) {
    return 'yes';
  }
  return comparison === undefined ? 'unknown' : 'no';
}

function compare(
  pattern: string,
  value: string | typeof FOREIGN | typeof ANYTHING,
  key: string,
  isPattern: boolean,
): Answer {
  const isVague = isPattern && /[*?]/.test(pattern);
  // A variable stands for something of the request.
  if (value === ANYTHING || pattern.includes('${')) {
    return isPattern && /^\*+$/.test(pattern) ? 'yes' : 'unknown';
  }
  if (value === FOREIGN) {
    return isVague ? 'unknown' : 'no';
  }
  if (key === 'aws:principalarn') {
    return compareBeginning(pattern, value, isPattern);
  }
  return isPattern ? matches(pattern, value) : of(pattern === value);
}

/** Of the ARN only the account is known, not the user or role. */
function compareBeginning(pattern: string, known: string, isPattern: boolean): Answer {
  if (isPattern && (/^\*+$/.test(pattern) || pattern === `${known}*`)) {
    return 'yes';
  }
  const account = pattern.split(':')[4];
  return account !== undefined && !/[*?]/.test(account) && account !== AMAZON_NOTIFICATION_ACCOUNT ? 'no' : 'unknown';
}

/**
 * `*` stands for any text and `?` for one character. Of each `*` only the last is tried again, which is enough, and takes no
 * longer for any pattern: as a regular expression some would run for ever.
 */
export function matches(pattern: string, text: string): Answer {
  let [at, retryPattern, retryText] = [0, -1, 0];
  for (let position = 0; position < text.length;) {
    if (pattern[at] === '*') {
      [retryPattern, retryText] = [at, position];
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === text[position]) {
      at += 1;
      position += 1;
    } else if (retryPattern >= 0) {
      retryText += 1;
      [at, position] = [retryPattern + 1, retryText];
    } else {
      return 'no';
    }
  }
  return of(/^\**$/.test(pattern.slice(at)));
}

function of(is: boolean): Answer {
  return is ? 'yes' : 'no';
}

export function not(answer: Answer): Answer {
  return answer === 'unknown' ? 'unknown' : of(answer === 'no');
}

export function all(answers: readonly Answer[]): Answer {
  return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
}

export function any(answers: readonly Answer[]): Answer {
  return not(all(answers.map(not)));
}

function sameForAll(answers: readonly Answer[]): Answer {
  const [first = 'unknown'] = answers;
  return answers.every((answer) => answer === first) ? first : 'unknown';
}
