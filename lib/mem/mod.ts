// mem: knowledge of memory. See arena.ts. A view is never cached across an allocation.
export * from "./arena.ts";
