// The C library on Bun. Elsewhere there is nothing to test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { canSend, send } from "../../server/libc_bun.ts";

interface BunHandle {
  readonly fd: number;
  end(): void;
}

interface BunSockets {
  listen(options: unknown): { port: number; stop(now: boolean): void };
  connect(options: unknown): Promise<BunHandle>;
}

const bun = (globalThis as unknown as { Bun?: BunSockets }).Bun;
const skip = bun === undefined || !canSend() ? "only for Bun on Linux" : false;

/** What a peer gets from `run`, which sends `bytes` bytes in all. */
function received(bytes: number, run: (fd: number) => void): Promise<string> {
  const { listen, connect } = bun as BunSockets;
  return new Promise((resolve) => {
    let text = "";
    const server = listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: (handle: BunHandle) => run(handle.fd), data: () => {} },
    });
    connect({
      hostname: "127.0.0.1",
      port: server.port,
      socket: {
        data(handle: BunHandle, piece: Uint8Array) {
          text += new TextDecoder().decode(piece);
          if (text.length < bytes) return;
          handle.end();
          server.stop(true);
          resolve(text);
        },
      },
    });
  });
}

test("ranges of large and small arrays, in turn", { skip }, async () => {
  const large = new Uint8Array(10_000).fill(97);
  const small = new Uint8Array(20).fill(98);
  const text = await received(9, (fd) => {
    assert.equal(send(fd, large, 5000, 3), 3);
    assert.equal(send(fd, small, 17, 3), 3);
    assert.equal(send(fd, large, 0, 3), 3);
  });
  assert.equal(text, "aaabbbaaa");
});

test(
  "an array of which a view was made between two writes: its bytes are those of now",
  { skip },
  async () => {
    const small = new Uint8Array(20).fill(98);
    const text = await received(6, (fd) => {
      send(fd, small, 0, 3);
      small.subarray(0, 3).fill(99);
      send(fd, small, 0, 3);
    });
    assert.equal(text, "bbbccc");
  },
);

test("a file that is none: -1", { skip }, () => {
  assert.equal(send(-1, new Uint8Array(5), 0, 5), -1);
});
