// Sigrun: as a library, an engine and server in process; as the main module, the executable.

import process from "node:process";

if (import.meta.main) {
  const { serverMain } = await import("./server/main.ts");
  process.exitCode = await serverMain(process.argv.slice(3));
}
