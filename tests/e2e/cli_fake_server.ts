// cli_fake_server.ts: a server that answers as a test tells it to.

import { createServer, type Socket } from "node:net";
import { ReplyReader } from "../../lib/codec/reply_reader.ts";
import { bytesOf, latin1 } from "../kit/resp.ts";

/** A listening fake; `heard` holds the words of every command it got. */
export type FakeServer = { port: number; heard: string[][]; close: () => void };

/** Listens on a free port. `endAfter` commands of a connection it is closed. */
export function fakeServer(
  answer: (words: string[]) => string,
  options: { endAfter?: number } = {},
): Promise<FakeServer> {
  const heard: string[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = new ReplyReader();
    let count = 0;
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // a client that leaves in the middle
    socket.on("data", (bytes: Uint8Array) => {
      reader.feed(bytes);
      for (let command = reader.next(); command !== null; command = reader.next()) {
        const words = command.items.map((item) => latin1(item.bytes));
        heard.push(words);
        socket.write(bytesOf(answer(words)));
        if (++count === options.endAfter) socket.end();
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      resolve({
        port,
        heard,
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}
