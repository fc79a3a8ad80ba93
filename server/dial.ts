// dial.ts: a connection to another server, as the transport of whoever talks over it.
//
// On node:net, which both runtimes have: the stream of a primary comes in large pieces, so the layer costs little here.

import { connect } from "node:net";
import type { Socket } from "../lib/platform/mod.ts";
import { systemWords } from "./config_host.ts";
import { addressText } from "./net.ts";
import { after } from "./timers.ts";

/** Who talks over the connection. All are called outside of commands, and never before `dial` returned. */
export interface Caller {
  connected(): void;
  received(bytes: Uint8Array, off: number, len: number): void;
  /** It ended, or never came to be; "" or why. Called once. */
  ended(reason: string): void;
}

/** Connects to another server. */
export type Dial = (host: string, port: number, caller: Caller, localHost: string) => Socket;

/** Connects over TCP; `localHost` is the address to come from, "" for any. */
export const dialTcp: Dial = (host, port, caller, localHost) => {
  let isOver = false;
  const end = (reason: string) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    caller.ended(reason);
  };
  // No host and no port mean different things to different runtimes.
  const isValid = host !== "" && port > 0;
  const socket = connect({
    host: isValid ? host : "127.0.0.1",
    port: isValid ? port : 1,
    noDelay: true,
    ...(localHost === "" ? {} : { localAddress: localHost }),
  });
  if (!isValid) after(0, () => end("Connection refused"));
  socket.once("connect", () => {
    if (!isOver) caller.connected();
  });
  socket.on("data", (bytes: Uint8Array) => {
    if (!isOver) caller.received(bytes, 0, bytes.length);
  });
  socket.on("error", (error) => end(systemWords(error)));
  socket.on("end", () => end(""));
  socket.on("close", () => end(""));
  return {
    write: (buf, off, len) => {
      // Little is ever sent this way, and node:net keeps what it cannot send yet.
      if (!isOver) socket.write(buf.slice(off, off + len));
      return len;
    },
    pauseInput: (isPaused) => {
      if (isPaused) socket.pause();
      else socket.resume();
    },
    end: () => {
      isOver = true;
      socket.end();
    },
    destroy: () => {
      isOver = true;
      socket.destroy();
    },
    get remote() {
      return addressText(socket.remoteAddress ?? host, socket.remotePort ?? port);
    },
    get local() {
      return addressText(socket.localAddress ?? "", socket.localPort ?? 0);
    },
    isUnix: false,
    fd: -1,
  };
};
