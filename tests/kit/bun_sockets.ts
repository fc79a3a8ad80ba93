// bun_sockets.ts: a connection on Bun whose server side writes to its file; nothing elsewhere.

interface BunHandle {
  readonly fd: number;
  end(): void;
}

interface BunSockets {
  listen(options: unknown): { port: number; stop(now: boolean): void };
  connect(options: unknown): Promise<BunHandle>;
}

const bun = (globalThis as unknown as { Bun?: BunSockets }).Bun;
/** Whether this is Bun. */
export const isBun = bun !== undefined;

/** What a peer gets from `run`, which sends `bytes` bytes in all. */
export function received(bytes: number, run: (fd: number) => void): Promise<string> {
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
