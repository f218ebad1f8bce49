/** Bytes that are held here before the browser has them; it keeps large files on the disk. */
const HELD = 4 * 2 ** 20;

/** A file that comes in parts. */
export class Gathered {
  bytes = 0;
  private readonly given: Blob[] = [];
  private held: Uint8Array<ArrayBuffer>[] = [];
  private heldBytes = 0;

  push(part: Uint8Array<ArrayBuffer>) {
    this.bytes += part.length;
    this.heldBytes += part.length;
    this.held.push(part);
    if (this.heldBytes < HELD) return;
    this.given.push(new Blob(this.held));
    this.held = [];
    this.heldBytes = 0;
  }

  file(type: string): Blob {
    return new Blob([...this.given, ...this.held], { type });
  }
}
