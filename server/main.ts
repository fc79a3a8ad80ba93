// main.ts: `sigrun serve`: command line to running server.

import process from "node:process";
import { Config } from "../lib/session/config/config.ts";
import { FileLog } from "./log.ts";
import { runtimeListen, Server } from "./server.ts";

/** Runs the server; resolves with the exit code when it ends. */
export async function serverMain(args: string[]): Promise<number> {
  const config = new Config();
  const at = args.indexOf("--port");
  if (at >= 0) {
    const plain = config.number.bind(config);
    config.number = (name: string) => name === "port" ? Number(args[at + 1]) : plain(name);
  }
  const log = new FileLog("", process.pid);
  const listenOn = await runtimeListen();
  return await new Promise<number>((resolve) => {
    const server = new Server(config, log, listenOn, { exit: resolve });
    const problem = server.listen();
    if (problem !== "") {
      log.write(3, problem);
      resolve(1);
      return;
    }
    log.write(2, "Server initialized");
    log.write(2, "Ready to accept connections tcp");
    const stop = () => server.shutdown({ save: "default", now: false, force: true, safe: false, failover: false });
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
