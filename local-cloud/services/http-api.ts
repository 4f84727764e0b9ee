import { NotEmulated, type AwsError } from './aws-error';
import type { Principal } from './iam';

interface HttpApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: string;
}

export interface HttpApiAnswer {
  /** Name under which the call is recorded. */
  readonly operation: string;
  /** Default: 200. */
  readonly status?: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A service with another protocol than JSON: the management services that command-line tools call. */
export interface HttpApi {
  /** As in the credential scope. */
  readonly name: string;
  /** @throws {AwsError} what the service refuses */
  readonly handle: (request: HttpApiRequest, principal: Principal) => HttpApiAnswer | Promise<HttpApiAnswer>;
  readonly renderError: (error: AwsError) => Pick<HttpApiAnswer, 'contentType' | 'headers' | 'body'>;
}

/** Elements of an answer: text, an object of elements, or a list of `member`s. */
export type Xml = string | readonly Xml[] | { readonly [element: string]: Xml | undefined };

export type QueryOperation = (parameters: URLSearchParams, principal: Principal) => Xml | Promise<Xml>;

/** A service of the query protocol: a form goes in, XML comes out. */
export function queryApi(
  name: string,
  namespace: string,
  operations: Readonly<Record<string, QueryOperation>>,
): HttpApi {
  return {
    name,
    handle: async ({ body }, principal) => {
      const parameters = new URLSearchParams(body);
      const operation = parameters.get('Action') ?? '';
      const handle = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (handle === undefined) {
        throw new NotEmulated(`the operation ${name}:${operation}`);
      }
      const result = render({ [`${operation}Result`]: await handle(parameters, principal) });
      return {
        operation,
        contentType: 'text/xml',
        body: `<${operation}Response xmlns="${namespace}">${result}</${operation}Response>`,
      };
    },
    renderError: (error) => ({
      contentType: 'text/xml',
      body: `<ErrorResponse xmlns="${namespace}">${render({ Error: { Type: 'Sender', Code: error.code, Message: error.message } })}</ErrorResponse>`,
    }),
  };
}

function render(xml: Xml): string {
  if (typeof xml === 'string') {
    return xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
  if (isList(xml)) {
    return xml.map((one) => `<member>${render(one)}</member>`).join('');
  }
  return Object.entries(xml)
    .map(([element, content]) => (content === undefined ? '' : `<${element}>${render(content)}</${element}>`))
    .join('');
}

function isList(xml: Xml): xml is readonly Xml[] {
  return Array.isArray(xml);
}
