// kit.ts: small things that the tests of the client share: replies from wire text, an io that
// collects, and a scripted server behind an embedded connection.

import { type Reply, ReplyReader } from "../../lib/codec/reply_reader.ts";
import { Client } from "../../cli/client.ts";
import type { EmbeddedConnection } from "../../cli/environment.ts";
import type { ByteSource, Io } from "../../cli/io.ts";
import { defaultOptions, type Options } from "../../cli/options.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";

/** The one reply in a piece of wire text, one character a byte. */
export function replyOf(wire: string): Reply {
  const reader = new ReplyReader();
  reader.feed(bytesOf(wire));
  const reply = reader.next();
  if (reply === null || reader.pending) throw new Error(`not one reply: ${JSON.stringify(wire)}`);
  return reply;
}

/** An io that keeps what is printed and reads from given lines. */
export type CollectingIo = Io & { stdout: string; stderr: string };

/** Makes a CollectingIo. */
export function collectingIo(
  input = "",
  variables: Record<string, string> = {},
  isTty = false,
): CollectingIo {
  const io: CollectingIo = {
    stdinIsTty: false,
    stdoutIsTty: isTty,
    variables,
    input: sourceOf(input),
    surviveClosedOutput: false,
    stdout: "",
    stderr: "",
    out: (bytes) => io.stdout += latin1(bytes),
    print: (text) => io.stdout += text,
    err: (text) => io.stderr += text,
  };
  return io;
}

function sourceOf(text: string): ByteSource {
  let rest = text;
  const takeAll = (): Uint8Array | null => {
    const bytes = rest === "" ? null : bytesOf(rest);
    rest = "";
    return bytes;
  };
  return {
    chunk: () => Promise.resolve(takeAll()),
    all: () => Promise.resolve(takeAll() ?? new Uint8Array(0)),
    ready: () => Promise.resolve(),
    line: () => {
      if (rest === "") return Promise.resolve(null);
      const end = rest.indexOf("\n");
      const line = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? "" : rest.slice(end + 1);
      return Promise.resolve(bytesOf(line));
    },
  };
}

/** What a scripted server answers to a command given as its words. */
export type Script = (words: string[]) => string;

/** A client whose server is a function; `heard` holds the commands it got. */
export function scriptedClient(
  script: Script,
  settings: Partial<Options> = {},
  io: CollectingIo = collectingIo(),
): { client: Client; io: CollectingIo; heard: string[]; push: (wire: string) => void } {
  const heard: string[] = [];
  let latest: EmbeddedConnection | null = null;
  const open = (): EmbeddedConnection => {
    const reader = new ReplyReader();
    const connection: EmbeddedConnection = {
      write: (bytes) => {
        reader.feed(bytes);
        for (let reply = reader.next(); reply !== null; reply = reader.next()) {
          const words = reply.items.map((item) => latin1(item.bytes));
          heard.push(words.join(" "));
          connection.onData(bytesOf(script(words)));
        }
      },
      onData: () => {},
      close: () => {},
    };
    latest = connection;
    return connection;
  };
  const options = { ...defaultOptions(io.stdoutIsTty), embedded: true, ...settings };
  const client = new Client(options, io, { embedded: open });
  return { client, io, heard, push: (wire) => latest?.onData(bytesOf(wire)) };
}

/** Words as bytes. */
export function wordsOf(...words: string[]): Uint8Array[] {
  return words.map(bytesOf);
}
