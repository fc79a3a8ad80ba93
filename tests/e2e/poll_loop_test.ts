// The loop of a server process, with clients of the runtime in the same process. Linux only.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { connect, type NetConnectOpts, type Socket as Client } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import type { Socket } from "../../lib/platform/mod.ts";
import { errorCode } from "../../server/config_host.ts";
import { libc } from "../../server/libc.ts";
import type { Listen, Receiver } from "../../server/net.ts";
import { type PollLoop, pollLoop } from "../../server/poll_loop.ts";
import { after, every, soon } from "../../server/timers.ts";

const skip = process.platform !== "linux" || libc() === null ? "only where epoll is" : false;
const encoder = new TextEncoder();
const OPTIONS = { keepAliveSeconds: 300 };

const noFallback: Listen = () => {
  throw new Error("left to the runtime");
};

/** One connection as the server sees it. */
interface Served extends Receiver {
  socket: Socket;
  text: string;
  isOver: boolean;
  rooms: number;
}

/** A loop with one listener; `fed` gets each piece. */
async function withLoop(
  run: (
    loop: PollLoop,
    opened: Served[],
    open: (options?: NetConnectOpts) => Promise<Client>,
  ) => Promise<void>,
  fed: (served: Served) => void = () => {},
  path = "",
): Promise<void> {
  const loop = pollLoop(noFallback) as PollLoop;
  const opened: Served[] = [];
  const clients: Client[] = [];
  const address = { host: "127.0.0.1", port: 0, path, backlog: 5 };
  const listening = loop.listen(address, OPTIONS, (socket) => {
    const served: Served = {
      socket,
      text: "",
      isOver: false,
      rooms: 0,
      feed(bytes, off, len) {
        served.text += new TextDecoder().decode(bytes.slice(off, off + len));
        fed(served);
      },
      writable: () => served.rooms++,
      ended: () => served.isOver = true,
    };
    opened.push(served);
    return served;
  });
  try {
    await run(loop, opened, async (options) => {
      const client = connect(options ?? { host: "127.0.0.1", port: listening.port });
      clients.push(client);
      await new Promise((resolve) => client.once("connect", resolve));
      return client;
    });
  } finally {
    for (const client of clients) client.destroy();
    for (const { socket } of opened) socket.destroy();
    listening.close();
    loop.close();
  }
}

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    assert.ok(i < 5000, "it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function send(socket: Socket, text: string): void {
  const bytes = encoder.encode(text);
  assert.equal(socket.write(bytes, 0, bytes.length), bytes.length);
}

/** What a client gets, as one text. */
function textOf(client: Client): { text: string } {
  const got = { text: "" };
  client.on("data", (piece: Uint8Array) => got.text += new TextDecoder().decode(piece));
  return got;
}

test("bytes go both ways, and the addresses are those of the sockets", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const client = await open();
    const got = textOf(client);
    client.write("hello");
    await until(() => got.text === "hello!");
    const { socket } = opened[0];
    assert.equal(socket.remote, `127.0.0.1:${client.localPort}`);
    assert.equal(socket.local, `127.0.0.1:${client.remotePort}`);
    assert.equal(socket.isUnix, false);
    assert.ok(socket.fd > 2);
  }, (served) => send(served.socket, `${served.text}!`));
});

test("ranges of large and small arrays, also of one a view was made of", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const got = textOf(await open());
    await until(() => opened.length === 1);
    const { socket } = opened[0];
    const large = new Uint8Array(10_000).fill(97);
    const small = new Uint8Array(20).fill(98);
    assert.equal(socket.write(large, 5000, 3), 3);
    assert.equal(socket.write(small, 17, 3), 3);
    assert.equal(socket.write(large, 0, 3), 3);
    small.subarray(0, 3).fill(99);
    assert.equal(socket.write(small, 0, 3), 3);
    await until(() => got.text === "aaabbbaaaccc");
  });
});

test("a client that does not read: what does not fit is refused until there is room", {
  skip,
}, async () => {
  await withLoop(async (_loop, opened, open) => {
    const client = await open();
    client.pause();
    await until(() => opened.length === 1);
    const [served] = opened;
    const bytes = new Uint8Array(1 << 20);
    let sent = 0;
    for (let taken = bytes.length; taken > 0; sent += taken) {
      taken = served.socket.write(bytes, 0, bytes.length);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(served.rooms, 0);
    let got = 0;
    client.on("data", (piece: Uint8Array) => got += piece.length);
    client.resume();
    await until(() => served.rooms === 1 && got === sent);
  });
});

test("paused input waits", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const client = await open();
    await until(() => opened.length === 1);
    const [served] = opened;
    served.socket.pauseInput(true);
    client.write("later");
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(served.text, "");
    served.socket.pauseInput(false);
    await until(() => served.text === "later");
  });
});

test("a client that ends, and one that resets", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const ending = await open();
    const resetting = await open();
    await until(() => opened.length === 2);
    ending.write("last words");
    ending.end();
    await until(() => opened[0].isOver);
    assert.equal(opened[0].text, "last words");
    assert.equal(opened[0].socket.write(new Uint8Array(5), 0, 5), 0);
    resetting.resetAndDestroy();
    await until(() => opened[1].isOver);
  });
});

test("a client that resets while its input is paused", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const client = await open();
    await until(() => opened.length === 1);
    opened[0].socket.pauseInput(true);
    client.resetAndDestroy();
    await until(() => opened[0].isOver);
  });
});

test("the last reply arrives, whatever was sent behind the request", { skip }, async () => {
  await withLoop(async (_loop, opened, open) => {
    const client = await open();
    const got = textOf(client);
    let isOver = false;
    client.once("end", () => isOver = true);
    await until(() => opened.length === 1);
    opened[0].socket.pauseInput(true);
    client.write(new Uint8Array(200_000));
    await until(() => client.writableLength === 0);
    send(opened[0].socket, "-ERR");
    opened[0].socket.end();
    await until(() => isOver);
    assert.equal(got.text, "-ERR");
    assert.equal(opened[0].isOver, false, "who ends it knows");
  });
});

test("a Unix socket", { skip }, async () => {
  const path = `${tmpdir()}/sigrun-poll-${process.pid}.sock`;
  try {
    await withLoop(
      async (_loop, opened, open) => {
        const got = textOf(await open({ path }));
        await until(() => opened.length === 1);
        assert.equal(opened[0].socket.remote, `${path}:0`);
        assert.equal(opened[0].socket.local, `${path}:0`);
        assert.equal(opened[0].socket.isUnix, true);
        send(opened[0].socket, "there");
        await until(() => got.text === "there");
      },
      () => {},
      path,
    );
  } finally {
    rmSync(path, { force: true });
  }
});

test(
  "addresses that cannot be bound say why; names are left to the runtime",
  { skip },
  async () => {
    await withLoop((loop) => {
      const codeFor = (host: string, port: number, path = "") => {
        try {
          loop.listen({ host, port, path, backlog: 5 }, OPTIONS, () => null).close();
          return "";
        } catch (error) {
          return errorCode(error) || (error as Error).message;
        }
      };
      const taken = loop.listen({ host: "127.0.0.1", port: 0, backlog: 5 }, OPTIONS, () => null);
      assert.equal(codeFor("127.0.0.1", taken.port), "EADDRINUSE");
      taken.close();
      assert.equal(codeFor("127.0.0.1", taken.port), "");
      assert.equal(codeFor("192.0.2.1", 0), "EADDRNOTAVAIL");
      assert.equal(codeFor("", 0, "x".repeat(200)), "ENAMETOOLONG");
      assert.equal(codeFor("", 0, "/no/such/folder/socket"), "ENOENT");
      assert.equal(codeFor("localhost", 0), "left to the runtime");
      return Promise.resolve();
    });
  },
);

test("what is put off: later first, then the end of the turn", { skip }, async () => {
  const order: string[] = [];
  let behind = () => {};
  await withLoop(
    async (loop, _opened, open) => {
      behind = () => loop.afterTurn(() => order.push("behind"));
      loop.afterTurn(() => {
        order.push("end");
        loop.later(() => order.push("later of the end"));
        loop.afterTurn(() => order.push("second end"));
      });
      loop.later(() => order.push("later"));
      await until(() => order.length === 4);
      assert.deepEqual(order, ["later", "end", "later of the end", "second end"]);
      (await open()).write("x");
      await until(() => order.length === 6);
      assert.deepEqual(order.slice(4), ["fed", "behind"]);
    },
    () => {
      order.push("fed");
      behind();
    },
  );
});

test(
  "timers, promises and other files of the runtime go on while nobody sends",
  { skip },
  async () => {
    await withLoop(async () => {
      const order: string[] = [];
      soon(() => order.push("soon"));
      await until(() => order.length === 1);
      const start = performance.now();
      const callOff = after(10_000, () => order.push("never"));
      await new Promise<void>((resolve) => after(20, resolve));
      assert.ok(performance.now() - start >= 19);
      callOff();
      let ticks = 0;
      const stop = every(2, () => ticks++);
      await until(() => ticks >= 3);
      stop();
      await Promise.resolve();
      assert.deepEqual(order, ["soon"]);
    });
  },
);

const isBun = process.versions.bun !== undefined;
const skipThrow = isBun ? "the test runner of Bun takes the exception itself" : skip;

test("an exception in what is put off ends nothing else", { skip: skipThrow }, async () => {
  await withLoop(async (loop, _opened, open) => {
    const failed = new Promise<Error>((resolve) => process.once("uncaughtException", resolve));
    let isDone = false;
    loop.later(() => {
      throw new Error("on purpose");
    });
    loop.later(() => isDone = true);
    assert.equal((await failed).message, "on purpose");
    await until(() => isDone);
    await open();
  });
});
