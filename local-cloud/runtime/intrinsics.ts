import { isArray, type Json, type Template } from './template';

/** What `Ref` and `Fn::GetAtt` find. */
export interface PhysicalResource {
  /** What `Ref` gives. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface IntrinsicsOptions {
  readonly template: Template;
  /** `AWS::Region` and so on. */
  readonly pseudoParameters: Readonly<Record<string, string>>;
  /** The resource of a logical id, once it exists. */
  resource(logicalId: string): PhysicalResource | undefined;
}

/** Marks what `AWS::NoValue` removes. */
const NO_VALUE = Symbol('AWS::NoValue');

type Resolved = Json | typeof NO_VALUE;

/** CloudFormation's intrinsic functions. An unknown one throws: a wrong guess would test another stack. */
export class Intrinsics {
  constructor(private readonly options: IntrinsicsOptions) {}

  /** The value with every function evaluated. */
  resolve(value: Json): Json {
    const resolved = this.evaluate(value);
    if (resolved === NO_VALUE) {
      throw new Error('AWS::NoValue stands where a value is needed');
    }
    return resolved;
  }

  /** The value as text. */
  resolveText(value: Json): string {
    return scalar(this.resolve(value), 'An output');
  }

  /** Whether the condition of that name holds. Without a name: yes. */
  holds(condition: string | undefined): boolean {
    if (condition === undefined) {
      return true;
    }
    const definition = this.options.template.Conditions?.[condition];
    if (definition === undefined) {
      throw new Error(`the template has no condition ${condition}`);
    }
    return this.test(definition);
  }

  private evaluate(value: Json): Resolved {
    if (isArray(value)) {
      return value.map((item) => this.evaluate(item)).filter((item) => item !== NO_VALUE);
    }
    if (typeof value === 'string' && value.includes('{{resolve:')) {
      throw new Error('the local cloud does not know dynamic references ({{resolve:…}})');
    }
    return typeof value === 'object' && value !== null ? this.evaluateObject(value) : value;
  }

  private evaluateObject(value: Readonly<Record<string, Json>>): Resolved {
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      return this.call(only[0], only[1]);
    }
    const resolved: Record<string, Json> = {};
    for (const [key, inner] of entries) {
      const result = this.evaluate(inner);
      if (result !== NO_VALUE) {
        resolved[key] = result;
      }
    }
    return resolved;
  }

  private call(name: string, parameters: Json): Resolved {
    switch (name) {
      case 'Ref':
        return this.ref(text(parameters, name));
      case 'Fn::GetAtt':
        return this.attribute(parameters);
      case 'Fn::Join':
        return this.join(list(parameters, name));
      case 'Fn::Split':
        return this.split(list(parameters, name));
      case 'Fn::Select':
        return this.select(list(parameters, name));
      case 'Fn::Sub':
        return this.substitute(parameters);
      case 'Fn::If':
        return this.choose(list(parameters, name));
      default:
        throw new Error(`the local cloud does not know the function ${name}`);
    }
  }

  private join([separator = '', parts = []]: readonly Json[]): Json {
    return list(this.resolve(parts), 'Fn::Join')
      .map((part) => scalar(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  }

  private split([separator = '', whole = '']: readonly Json[]): Json {
    return text(this.resolve(whole), 'Fn::Split').split(text(separator, 'Fn::Split'));
  }

  private select([index = 0, from = []]: readonly Json[]): Json {
    const chosen = list(this.resolve(from), 'Fn::Select')[Number(this.resolve(index))];
    if (chosen === undefined) {
      throw new Error(`Fn::Select: there is no item ${JSON.stringify(index)}`);
    }
    return chosen;
  }

  private choose([condition = '', then = null, otherwise = null]: readonly Json[]): Resolved {
    return this.evaluate(this.holds(text(condition, 'Fn::If')) ? then : otherwise);
  }

  private ref(name: string): Resolved {
    if (name === 'AWS::NoValue') {
      return NO_VALUE;
    }
    const { pseudoParameters, template } = this.options;
    if (name.startsWith('AWS::')) {
      const value = pseudoParameters[name];
      if (value === undefined) {
        throw new Error(`the local cloud does not know the pseudo parameter ${name}`);
      }
      return value;
    }
    const parameter = template.Parameters?.[name];
    if (parameter !== undefined) {
      if (parameter.Default === undefined) {
        throw new Error(`the parameter ${name} has no default`);
      }
      return parameter.Default;
    }
    return this.found(name).ref;
  }

  private attribute(parameters: Json): string {
    const [logicalId = '', ...path] =
      typeof parameters === 'string'
        ? parameters.split('.')
        : list(parameters, 'Fn::GetAtt').map((part) => text(part, 'Fn::GetAtt'));
    const name = path.join('.');
    const value = this.found(logicalId).attributes[name];
    if (value === undefined) {
      throw new Error(`the local cloud does not know the attribute ${name} of ${logicalId}`);
    }
    return value;
  }

  private substitute(parameters: Json): string {
    const [template = '', variables = {}] = isArray(parameters) ? parameters : [parameters];
    return text(template, 'Fn::Sub').replaceAll(/\$\{([^}]+)\}/g, (_whole, name: string) => {
      if (name.startsWith('!')) {
        return `\${${name.slice(1)}}`;
      }
      const given = (variables as Readonly<Record<string, Json>>)[name];
      if (given !== undefined) {
        return scalar(this.resolve(given), 'Fn::Sub');
      }
      const value = name.includes('.') && !name.startsWith('AWS::') ? this.attribute(name) : this.ref(name);
      return scalar(value === NO_VALUE ? null : value, 'Fn::Sub');
    });
  }

  private found(logicalId: string): PhysicalResource {
    const resource = this.options.resource(logicalId);
    if (resource === undefined) {
      throw new Error(`the template refers to ${logicalId}, which is not there`);
    }
    return resource;
  }

  private test(definition: Json): boolean {
    const [[name, parameters] = ['', null]] = Object.entries(definition as Readonly<Record<string, Json>>);
    switch (name) {
      case 'Condition':
        return this.holds(text(parameters, name));
      case 'Fn::Equals': {
        const [left = null, right = null] = list(parameters, name);
        return JSON.stringify(this.resolve(left)) === JSON.stringify(this.resolve(right));
      }
      case 'Fn::And':
        return list(parameters, name).every((inner) => this.test(inner));
      case 'Fn::Or':
        return list(parameters, name).some((inner) => this.test(inner));
      case 'Fn::Not':
        return !list(parameters, name).some((inner) => this.test(inner));
      default:
        throw new Error(`the local cloud does not know the condition function ${name}`);
    }
  }
}

function list(value: Json, name: string): readonly Json[] {
  if (!isArray(value)) {
    throw new Error(`${name} needs a list, not ${JSON.stringify(value)}`);
  }
  return value;
}

function text(value: Json, name: string): string {
  if (typeof value !== 'string') {
    throw new Error(`${name} needs text, not ${JSON.stringify(value)}`);
  }
  return value;
}

function scalar(value: Json, name: string): string {
  if (typeof value === 'object') {
    throw new Error(`${name} needs a string, number or boolean, not ${JSON.stringify(value)}`);
  }
  return String(value);
}
