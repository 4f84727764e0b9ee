import { CallFailed } from '../core/ports';

/**
 * How clients call AWS: few tries with short time-outs, since the next run tries again anyway. That the certificate is
 * checked is said here because NODE_TLS_REJECT_UNAUTHORIZED would turn it off otherwise.
 */
export const CLIENT_CONFIGURATION = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    throwOnRequestTimeout: true,
    httpsAgent: { rejectUnauthorized: true },
  },
} as const;

interface ServiceError {
  readonly name?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * Calls AWS, and turns what the SDK throws into a closed list of fields: messages of services may quote the input.
 *
 * @throws {CallFailed}
 */
export async function call<Answer>(operation: string, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    throw toCallFailed(operation, error);
  }
}

function toCallFailed(operation: string, error: unknown): CallFailed {
  const { name, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as ServiceError;
  const answered = $metadata?.httpStatusCode !== undefined;
  const code = answered && typeof name === 'string' && /^[A-Za-z.]{1,80}$/.test(name) ? name : 'Unreachable';
  const requestId = $metadata?.requestId;
  return new CallFailed(
    operation,
    code,
    requestId !== undefined && /^[A-Za-z0-9-]{1,80}$/.test(requestId) ? requestId : undefined,
  );
}
