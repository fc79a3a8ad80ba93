// memory_transport.ts: the transport to a server in memory: waiting moves its clock.

import { type Connection, ConnectionClosed, ReplyTimeout, type Transport } from "./transport.ts";
import { type MemoryClient, World } from "./world.ts";

/** Fake milliseconds that pass between two looks for a reply. */
const LOOK_MS = 10;

function memoryConnection(world: World, client: MemoryClient): Connection {
  const { reader } = client.socket;
  return {
    write(text) {
      client.sendRaw(text);
      return Promise.resolve();
    },
    frame(timeoutMs) {
      for (let waited = 0;; waited += LOOK_MS) {
        const frame = reader.next();
        if (frame !== undefined) return Promise.resolve(frame);
        if (client.socket.closed) return Promise.reject(new ConnectionClosed(reader.pending));
        if (waited >= timeoutMs) return Promise.reject(new ReplyTimeout(reader.pending));
        world.advance(LOOK_MS);
      }
    },
    quiet(ms) {
      world.advance(ms);
      return Promise.resolve(reader.pending);
    },
    untilClosed(timeoutMs) {
      for (let waited = 0; !client.socket.closed; waited += LOOK_MS) {
        if (waited >= timeoutMs) return Promise.reject(new ReplyTimeout(reader.pending));
        world.advance(LOOK_MS);
      }
      return Promise.resolve(reader.take());
    },
    close: () => client.close(),
  };
}

/** Connections to a server in memory; a new one when none is given. */
export function memoryTransport(world = new World()): Transport {
  return {
    open: () => Promise.resolve(memoryConnection(world, world.connect())),
    sleep(ms) {
      world.advance(ms);
      return Promise.resolve();
    },
    close: () => {},
  };
}
