// shared.ts: the reference data beside a developer's checkout (recorded answers, files written by
// the reference server). It is absent from a user's clone; tests that need it then say so and pass.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's root folder, without a slash at the end. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** Path of a file or folder of the reference data, or undefined when there is none. */
export function sharedPath(name: string): string | undefined {
  const path = `${PROJECT_ROOT}/../shared/${name}`;
  return existsSync(path) ? path : undefined;
}

/** Says on standard output why a test did nothing. */
export function skipped(reason = "no reference data"): void {
  console.log(`skipped: ${reason}`);
}
