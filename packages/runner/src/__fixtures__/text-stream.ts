import { PassThrough, Writable } from "node:stream";

/** A stream that keeps what is written to it. */
export interface TextStream extends Writable {
  text(): string;
}

export function textStream({ terminal = false }: { readonly terminal?: boolean } = {}): TextStream {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return Object.assign(stream, {
    text: () => Buffer.concat(chunks).toString("utf8"),
    ...(terminal ? { isTTY: true, columns: 120 } : {}),
  });
}

/** Standard input that holds this text and ends. */
export function inputOf(text: string): PassThrough {
  const stream = new PassThrough();
  stream.end(text);
  return stream;
}
