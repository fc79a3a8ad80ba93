// Turns: what arrives before a turn ends is run in its order, once, and answered together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type SeededRandom, withSeed } from "../../kit/clock.ts";
import { encodeArgs } from "../../kit/resp.ts";
import { InputMemory } from "../../../lib/session/inbox.ts";
import { type MemoryClient, World } from "../../kit/world.ts";

function heard(client: MemoryClient): string {
  return client.socket.reader.take();
}

function ask(client: MemoryClient, ...args: string[]): string {
  client.send(args);
  client.world.endTurn();
  return heard(client);
}

test("clients of one turn: run in the order of their reads, answered at its end", () => {
  const world = new World({ turns: true });
  const clients = Array.from({ length: 5 }, () => world.connect());
  for (const client of clients) client.send(["INCR", "n"]);
  clients[0].send(["GET", "n"]);
  for (const client of clients) assert.equal(heard(client), "");
  world.endTurn();
  assert.deepEqual(clients.map(heard), [
    ":1\r\n$1\r\n5\r\n",
    ":2\r\n",
    ":3\r\n",
    ":4\r\n",
    ":5\r\n",
  ]);
});

test("what a client sent before it hung up is run", () => {
  const world = new World({ turns: true });
  const [gone, other] = [world.connect(), world.connect()];
  gone.send(["SET", "a", "1"]);
  gone.close();
  assert.equal(ask(other, "GET", "a"), "$1\r\n1\r\n");
});

test("a client that is killed in the turn: nothing of it runs any more, nothing of others runs twice", () => {
  const world = new World({ turns: true });
  const [killer, victim, other] = [world.connect(), world.connect(), world.connect()];
  const id = ask(victim, "CLIENT", "ID").slice(1, -2);
  other.send(["INCR", "n"]);
  killer.send(["CLIENT", "KILL", "ID", id]);
  victim.send(["INCR", "n"]);
  other.send(["INCR", "n"]);
  world.endTurn();
  assert.equal(heard(killer), ":1\r\n");
  assert.equal(heard(other), ":1\r\n:2\r\n");
  assert.equal(heard(victim), "");
});

test("input that does not fit makes what waits run first; replies keep their order", () => {
  const world = new World({ turns: true });
  const [one, other] = [world.connect(), world.connect()];
  const long = "x".repeat(100_000);
  one.send(["SET", "a", long]);
  other.send(["STRLEN", "a"]);
  one.send(["SET", "a", long + long]);
  other.send(["STRLEN", "a"]);
  one.send(["APPEND", "a", "y"]);
  world.endTurn();
  assert.equal(heard(one), "+OK\r\n+OK\r\n:200001\r\n");
  assert.equal(heard(other), ":100000\r\n:200000\r\n");
});

test("input that comes while other input runs is run behind it", () => {
  for (const turns of [true, false]) {
    const world = new World({ turns });
    const [one, other] = [world.connect(), world.connect()];
    const { table } = world.engine;
    const echo = table.run[table.idOf("echo")] as (typeof table.run)[number];
    table.run[table.idOf("echo")] = (ctx) => {
      other.send(["SET", "a", "x".repeat(200_000)]);
      echo?.(ctx);
    };
    one.send(["ECHO", "hello"]);
    one.send(["STRLEN", "a"]);
    world.endTurn();
    assert.equal(heard(one), `$5\r\nhello\r\n:${turns ? 0 : 200000}\r\n`);
    assert.equal(heard(other), "+OK\r\n");
    assert.equal(ask(one, "STRLEN", "a"), ":200000\r\n");
  }
});

test("input that lies in the memory of the engine is run there; copies of others go behind it", () => {
  const input = new InputMemory();
  const world = new World({ turns: true, input });
  const [one, other] = [world.connect(), world.connect()];
  const place = (client: MemoryClient, text: string) => {
    const at = input.used;
    input.bytes.set(new TextEncoder().encode(text), at);
    client.session.feed(input.bytes, at, text.length);
    assert.equal(input.used, at + text.length);
  };
  const set = encodeArgs(["SET", "a", "x".repeat(100)]);
  place(one, set);
  other.send(["APPEND", "a", "y"]);
  place(other, set.slice(0, 50));
  place(one, encodeArgs(["STRLEN", "a"]));
  world.endTurn();
  assert.equal(heard(one), "+OK\r\n:101\r\n");
  assert.equal(heard(other), ":101\r\n");
  assert.equal(input.used, 0);
  // The rest of a request comes in another turn; the place of its beginning belongs to others then.
  place(one, encodeArgs(["STRLEN", "a"]));
  place(other, set.slice(50));
  place(one, encodeArgs(["STRLEN", "a"]));
  world.endTurn();
  assert.equal(heard(one), ":101\r\n:100\r\n");
  assert.equal(heard(other), "+OK\r\n");
});

test("a reply larger than the writer's part of the outbox, between small ones", () => {
  const world = new World({ turns: true });
  const [one, other] = [world.connect(), world.connect()];
  for (const len of [10, 16_000, 17_000, 65_536, 70_000, 3_000_000, 10]) {
    const value = "v".repeat(len);
    one.send(["SET", "a", value]);
    one.send(["GET", "a"]);
    other.send(["ECHO", "between"]);
    one.send(["STRLEN", "a"]);
    world.endTurn();
    assert.equal(heard(one), `+OK\r\n$${len}\r\n${value}\r\n:${len}\r\n`);
    assert.equal(heard(other), "$7\r\nbetween\r\n");
  }
});

test("a client that waits: what it sends later in the turn waits too", () => {
  const world = new World({ turns: true });
  const [waiting, other] = [world.connect(), world.connect()];
  waiting.send(["BLPOP", "l", "0"]);
  waiting.send(["GET", "a"]);
  other.send(["SET", "a", "1"]);
  other.send(["RPUSH", "l", "x"]);
  world.endTurn();
  assert.equal(heard(other), "+OK\r\n:1\r\n");
  assert.equal(heard(waiting), "*2\r\n$1\r\nl\r\n$1\r\nx\r\n$1\r\n1\r\n");
});

test("an exception ends one connection; the turn goes on", () => {
  const world = new World({ turns: true });
  const [bad, good] = [world.connect(), world.connect()];
  const { table } = world.engine;
  table.run[table.idOf("echo")] = () => {
    throw new Error("unexpected");
  };
  bad.send(["ECHO", "x"]);
  good.send(["PING"]);
  world.endTurn();
  assert.match(heard(bad), /^-ERR internal error/);
  assert.ok(bad.socket.closed);
  assert.equal(heard(good), "+PONG\r\n");
});

function breakSocket(client: MemoryClient): void {
  client.socket.write = () => {
    throw new Error("the socket is broken");
  };
}

test("a socket that throws ends its connection alone, and nobody hears a reply twice", () => {
  const world = new World({ turns: true });
  const [first, bad, last] = [world.connect(), world.connect(), world.connect()];
  breakSocket(bad);
  for (const client of [first, bad, last]) client.send(["INCR", "n"]);
  world.endTurn();
  assert.ok(bad.socket.closed);
  first.send(["PING"]);
  world.endTurn();
  assert.equal(heard(first), ":1\r\n+PONG\r\n");
  assert.equal(heard(last), ":3\r\n");
});

test("a socket that throws at a large reply: nothing of it reaches the next client", () => {
  const world = new World({ turns: true });
  const [bad, good] = [world.connect(), world.connect()];
  ask(good, "SET", "a", "x".repeat(50_000));
  breakSocket(bad);
  bad.send(["GET", "a"]);
  good.send(["PING"]);
  world.endTurn();
  assert.ok(bad.socket.closed);
  assert.equal(heard(good), "+PONG\r\n");
});

test("a socket that throws when it takes bytes again ends its connection", () => {
  const world = new World({ turns: true });
  const client = world.connect();
  client.socket.room = 2;
  ask(client, "PING");
  breakSocket(client);
  client.session.writable();
  assert.ok(client.socket.closed);
  assert.equal(ask(world.connect(), "PING"), "+PONG\r\n");
});

test("an exception behind the last request: the replies of that client reach nobody else", () => {
  const world = new World({ turns: true });
  const [bad, good] = [world.connect(), world.connect()];
  bad.session.flush = () => {
    throw new Error("unexpected");
  };
  bad.send(["ECHO", "secret"]);
  good.send(["PING"]);
  world.endTurn();
  assert.ok(bad.socket.closed);
  assert.equal(heard(good), "+PONG\r\n");
  assert.equal(ask(good, "PING"), "+PONG\r\n");
});

test("a message to a socket that throws: the others get theirs", () => {
  const world = new World({ turns: true });
  const [bad, good, publisher] = [world.connect(), world.connect(), world.connect()];
  ask(bad, "SUBSCRIBE", "c");
  ask(good, "SUBSCRIBE", "c");
  breakSocket(bad);
  assert.equal(ask(publisher, "PUBLISH", "c", "x"), ":2\r\n");
  assert.ok(bad.socket.closed);
  assert.match(heard(good), /message/);
  assert.equal(ask(publisher, "PUBLISH", "c", "x"), ":1\r\n");
});

test("replies larger than are kept leave behind those before them", () => {
  const world = new World({ turns: true });
  const client = world.connect();
  const long = "x".repeat(50_000);
  ask(client, "SET", "a", long);
  client.send(["PING"]);
  client.send(["GET", "a"]);
  client.send(["PING"]);
  world.endTurn();
  assert.equal(heard(client), `+PONG\r\n$50000\r\n${long}\r\n+PONG\r\n`);
});

test("commands are charged their own time, whoever else is in the turn, and not that of writing", () => {
  const world = new World({ turns: true });
  const [one, other] = [world.connect(), world.connect()];
  ask(one, "SET", "a", "x".repeat(50_000));
  const { socket } = one;
  const write = socket.write.bind(socket);
  socket.write = (buf, off, len) => {
    world.clock.advance(1000);
    return write(buf, off, len);
  };
  one.sendRaw(encodeArgs(["GET", "a"]).repeat(4));
  other.send(["GET", "b"]);
  one.send(["GET", "a"]);
  world.endTurn();
  const { server, table } = world.engine;
  const get = table.specs.findIndex((spec) => spec.name.toLowerCase() === "get");
  assert.equal(server.calls[get], 6);
  assert.ok(server.usec[get] < 1000, `${server.usec[get]}`);
  assert.equal(one.session.commands, 6);
  assert.equal(other.session.commands, 1);
});

test("a long turn does not live in the past: what expires meanwhile is gone for those who come later", () => {
  const world = new World({ turns: true });
  const [one, other, last] = [world.connect(), world.connect(), world.connect()];
  ask(one, "SET", "short", "x", "PX", "20");
  const { run, specs } = world.engine.table;
  const get = specs.findIndex((spec) => spec.name === "GET");
  const plain = run[get];
  run[get] = (ctx) => {
    world.clock.advance(1);
    plain?.(ctx);
  };
  one.sendRaw(encodeArgs(["GET", "none"]).repeat(40));
  other.send(["EXISTS", "short"]);
  other.sendRaw(encodeArgs(["GET", "n".repeat(4100)]).repeat(2));
  last.send(["EXISTS", "short"]);
  world.endTurn();
  run[get] = plain;
  assert.match(heard(other), /^:0/);
  assert.equal(heard(last), ":0\r\n");
});

/** Requests cut into pieces anywhere, several clients in turn, against a world that runs each read at once. */
test("turns change nothing but the moment: random clients, pieces and ends of turns", () => {
  withSeed(20261130, (random: SeededRandom) => {
    const turning = new World({ turns: true, seed: 1 });
    const plain = new World({ seed: 1 });
    const pairs = Array.from({ length: 4 }, (_, i) => ({
      turning: turning.connect(),
      plain: plain.connect(),
      own: `own${i}`,
      rest: "",
    }));
    for (let step = 0; step < 3000; step++) {
      const pair = random.pick(pairs);
      // Keys of their own: the order among clients may differ where pieces are cut.
      const key = `${pair.own}:${random.below(3)}`;
      const commands = [["SET", key, "v".repeat(random.below(200))], ["GET", key], ["DEL", key], [
        "APPEND",
        key,
        "x",
      ], ["PING"]];
      pair.rest += encodeArgs(random.pick(commands));
      const cut = random.chance(0.6) ? pair.rest.length : random.below(pair.rest.length + 1);
      const piece = pair.rest.slice(0, cut);
      pair.rest = pair.rest.slice(cut);
      if (piece !== "") {
        pair.turning.sendRaw(piece);
        pair.plain.sendRaw(piece);
      }
      if (random.chance(0.3)) turning.endTurn();
    }
    turning.endTurn();
    for (const pair of pairs) {
      assert.equal(heard(pair.turning), heard(pair.plain), pair.own);
    }
  });
});
