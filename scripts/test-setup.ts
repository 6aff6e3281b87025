import fc from "fast-check";

// A run can be repeated: random cases are the same unless GRADUS_SEED begins elsewhere.
fc.configureGlobal({ seed: Number(process.env.GRADUS_SEED ?? 1) });
