import type { Component } from "svelte";

interface View {
  readonly name: string;
  readonly title: string;
  /** What a person does there, in a line. */
  readonly purpose: string;
  readonly load: () => Promise<{ default: Component }>;
}

/** The views, in the order of the tabs. The first opens where the address names none. */
export const views: readonly View[] = [
  {
    name: "derive",
    title: "Derive",
    purpose: "Any function, its derivative, and every step of the way",
    load: () => import("./derive/Derive.svelte"),
  },
  {
    name: "graph",
    title: "Graph",
    purpose: "Values flow forward, gradients flow back, edge by edge",
    load: () => import("./graph/Graph.svelte"),
  },
  {
    name: "taylor",
    title: "Taylor",
    purpose: "A polynomial for a function, with the error proven",
    load: () => import("./taylor/Taylor.svelte"),
  },
  {
    name: "descend",
    title: "Descend",
    purpose: "Methods side by side on one loss, each with the model that it trusts",
    load: () => import("./descend/Descend.svelte"),
  },
  {
    name: "neuron",
    title: "Neuron",
    purpose: "The deck’s neuron learns, each update with its numbers; then a network of them",
    load: () => import("./neuron/Neuron.svelte"),
  },
  {
    name: "activations",
    title: "Activations",
    purpose: "Each activation with its slope: where it saturates, where it dies",
    load: () => import("./activations/Activations.svelte"),
  },
];
