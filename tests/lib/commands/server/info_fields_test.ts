// The fields of INFO compared with those of the reference: names and order, section by section.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { sharedPath, skipped } from "../../../kit/shared.ts";
import { World } from "../../../kit/world.ts";

interface FieldFacts {
  name?: string;
  when?: string;
}

interface SectionFacts {
  header: string;
  fields: FieldFacts[];
}

/** Fields that this server adds. */
const OWN = ["runtime"];

/** Fields of the reference that say nothing here, or whose feature does not exist. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  server: ["redis_build_id", "monotonic_clock", "multiplexing_api", "gcc_version"],
  memory: [
    "used_memory_lua",
    "used_memory_vm_eval",
    "used_memory_lua_human",
    "used_memory_scripts_eval",
    "number_of_cached_scripts",
    "number_of_functions",
    "number_of_libraries",
    "used_memory_vm_functions",
    "used_memory_vm_total",
    "used_memory_vm_total_human",
    "used_memory_functions",
    "used_memory_scripts",
    "used_memory_scripts_human",
  ],
  scriptingengines: ["engines_count", "engines_total_used_memory", "engines_total_memory_overhead"],
};

function loadSections(): Record<string, SectionFacts> | undefined {
  const path = sharedPath("facts/info_fields.json");
  return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8")).sections;
}

test("INFO has the fields of the reference, in its order", () => {
  const sections = loadSections();
  if (sections === undefined) return skipped();
  const client = new World().connect();
  for (const [name, { header, fields }] of Object.entries(sections)) {
    const known = fields.filter((field) => field.name !== undefined && field.when === undefined)
      .map((field) => field.name ?? "");
    const leftOut = LEFT_OUT[name] ?? [];
    assert.deepEqual(leftOut.filter((field) => !known.includes(field)), [], name);
    const lines = client.call("INFO", name).split("\r\n").slice(1, -1);
    const shown = lines.filter((line) => /^\w+:/.test(line)).map((line) => line.split(":")[0]);
    const patterned = /^(cmdstat|errorstat|latency_percentiles_usec|db\d|listener\d)/;
    assert.deepEqual(
      shown.filter((field) => !OWN.includes(field) && !patterned.test(field)),
      known.filter((field) => !leftOut.includes(field) && name !== "cluster_info"),
      name,
    );
    if (leftOut.length < known.length || known.length === 0) assert.equal(lines[0], header);
  }
});
