/** A value of metric math at one point of time; `undefined` where there is no data. */
export type Value = number | undefined;

export type MathNode =
  | { readonly number: number }
  | { readonly name: string }
  | { readonly call: string; readonly arguments: readonly MathNode[] }
  | { readonly operator: string; readonly left: MathNode; readonly right: MathNode };

/** From weakest to strongest. */
const OPERATORS: readonly (readonly string[])[] = [
  ['OR', '||'],
  ['AND', '&&'],
  ['>', '<', '>=', '<=', '=='],
  ['+', '-'],
  ['*', '/'],
];

/**
 * The part of CloudWatch's metric math that alarms here use. Anything else is refused.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function parseMath(expression: string): MathNode {
  const tokens = expression.match(/\d+(\.\d+)?|[A-Za-z_]\w*|>=|<=|==|\|\||&&|[()+\-*/<>,]|\S/g) ?? [];
  const parser = new Parser(tokens, expression);
  return parser.whole();
}

class Parser {
  private position = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly expression: string,
  ) {}

  whole(): MathNode {
    const node = this.binary(0);
    if (this.position < this.tokens.length) {
      throw this.refusal();
    }
    return node;
  }

  private binary(level: number): MathNode {
    const operators = OPERATORS[level];
    if (operators === undefined) {
      return this.factor();
    }
    let node = this.binary(level + 1);
    for (let token = this.peek(); token !== undefined && operators.includes(token); token = this.peek()) {
      this.position += 1;
      node = { operator: token, left: node, right: this.binary(level + 1) };
    }
    return node;
  }

  private factor(): MathNode {
    const token = this.next();
    if (token === '(') {
      const node = this.binary(0);
      this.expect(')');
      return node;
    }
    if (/^\d/.test(token)) {
      return { number: Number(token) };
    }
    if (!/^[A-Za-z_]/.test(token)) {
      throw this.refusal();
    }
    if (this.peek() !== '(') {
      return { name: token };
    }
    this.expect('(');
    const list = [this.binary(0)];
    while (this.peek() === ',') {
      this.position += 1;
      list.push(this.binary(0));
    }
    this.expect(')');
    return { call: token, arguments: list };
  }

  private peek(): string | undefined {
    return this.tokens[this.position];
  }

  private next(): string {
    const token = this.tokens[this.position];
    if (token === undefined) {
      throw this.refusal();
    }
    this.position += 1;
    return token;
  }

  private expect(token: string): void {
    if (this.next() !== token) {
      throw this.refusal();
    }
  }

  private refusal(): Error {
    return new Error(`the local cloud does not know this metric math: ${this.expression}`);
  }
}

/** The value of an expression for these values of the metrics. It is missing if a value that it needs is missing. */
export function evaluateMath(node: MathNode, valueOf: (name: string) => Value): Value {
  if ('number' in node) {
    return node.number;
  }
  if ('name' in node) {
    return valueOf(node.name);
  }
  if ('call' in node) {
    return callFunction(
      node.call,
      node.arguments.map((argument) => evaluateMath(argument, valueOf)),
    );
  }
  const left = evaluateMath(node.left, valueOf);
  const right = evaluateMath(node.right, valueOf);
  return left === undefined || right === undefined ? undefined : OPERATIONS[node.operator]?.(left, right);
}

function callFunction(name: string, [first, second, third]: readonly Value[]): Value {
  switch (name) {
    case 'FILL':
      return first ?? second;
    case 'IF':
      return first === undefined ? undefined : first === 0 ? third : second;
    default:
      throw new Error(`the local cloud does not know the function ${name} of metric math`);
  }
}

const and = (left: number, right: number): number => Number(left !== 0 && right !== 0);
const or = (left: number, right: number): number => Number(left !== 0 || right !== 0);

const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '>': (left, right) => Number(left > right),
  '<': (left, right) => Number(left < right),
  '>=': (left, right) => Number(left >= right),
  '<=': (left, right) => Number(left <= right),
  '==': (left, right) => Number(left === right),
  AND: and,
  '&&': and,
  OR: or,
  '||': or,
};
