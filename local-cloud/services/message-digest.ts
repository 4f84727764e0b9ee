import { createHash } from 'node:crypto';

/** An attribute that the sender gave a message. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** MD5 of a message's body, as SQS answers it and clients check it. */
export function digestOfBody(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/** MD5 over names, types and values, sorted by name, each with its length before it; `undefined` without attributes. */
export function digestOfAttributes(attributes: MessageAttributes): string | undefined {
  const sorted = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  if (sorted.length === 0) {
    return undefined;
  }
  const hash = createHash('md5');
  const add = (part: string | Uint8Array): void => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, attribute] of sorted) {
    add(name);
    add(attribute.DataType);
    const isBinary = attribute.DataType.startsWith('Binary');
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add((isBinary ? attribute.BinaryValue : attribute.StringValue) ?? '');
  }
  return hash.digest('hex');
}
