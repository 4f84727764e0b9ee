import { createHash } from 'node:crypto';

/** Identifiers that look random and are the same in every run with the same seed. */
export class Identifiers {
  private count = 0;

  constructor(private readonly seed: string) {}

  hex(length: number): string {
    let text = '';
    while (text.length < length) {
      text += this.block().toString('hex');
    }
    return text.slice(0, length);
  }

  base64url(length: number): string {
    let text = '';
    while (text.length < length) {
      text += this.block().toString('base64url');
    }
    return text.slice(0, length);
  }

  /** Letters and digits. */
  alphanumeric(length: number): string {
    let text = '';
    while (text.length < length) {
      text += this.block()
        .toString('base64')
        .replace(/[^A-Za-z0-9]/g, '');
    }
    return text.slice(0, length);
  }

  uuid(): string {
    const hex = this.hex(32);
    const variant = '89ab'[parseInt(hex.charAt(16), 16) % 4] ?? '8';
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20),
    ].join('-');
  }

  private block(): Buffer {
    this.count += 1;
    return createHash('sha256').update(`${this.seed}:${this.count}`).digest();
  }
}
