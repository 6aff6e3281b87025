/** What a colour says, everywhere the same: values flow forward, gradients backward; a model stands for a function. */
export type Tone =
  | "forward"
  | "backward"
  | "model"
  | "second"
  | "third"
  | "fourth"
  | "fifth"
  | "muted"
  | "good"
  | "bad";

/** The colours on a light and on a dark ground. */
export const COLOURS: Readonly<Record<"light" | "dark", Readonly<Record<string, string>>>> = {
  light: {
    ground: "#ffffff",
    surface: "#f5f7f9",
    ink: "#14181f",
    soft: "#566070",
    line: "#d8dee6",
    forward: "#1457c8",
    backward: "#c2410c",
    model: "#7c3aba",
    second: "#0f766e",
    third: "#a16207",
    fourth: "#be2577",
    fifth: "#4d7c0f",
    good: "#15724a",
    bad: "#b3261e",
  },
  dark: {
    ground: "#101318",
    surface: "#191e25",
    ink: "#e9edf2",
    soft: "#9aa6b6",
    line: "#313944",
    forward: "#7db0ff",
    backward: "#ff9d6b",
    model: "#c9a0ff",
    second: "#5fd3c6",
    third: "#e3b34d",
    fourth: "#ff8cc8",
    fifth: "#b4d96a",
    good: "#61d29c",
    bad: "#ff8d84",
  },
};

const variables = (name: "light" | "dark"): string =>
  Object.entries(COLOURS[name])
    .map(([key, value]) => `--${key}:${value}`)
    .join(";");

/** The colours as CSS variables: by the system's wish, or by `data-theme` where a page lets one choose; on paper light. */
export const colourStyle = `:root{color-scheme:light dark;${variables("light")}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${variables("dark")}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${variables("dark")}}}
:root[data-theme=light]{color-scheme:light}
@media print{:root{color-scheme:light}}`;

const TONES: readonly Tone[] = [
  "forward",
  "backward",
  "model",
  "second",
  "third",
  "fourth",
  "fifth",
  "good",
  "bad",
];

/** The heights of a surface are told apart by so many mixtures of a colour and the ground. */
export const SHADES = 8;
const partOf = (shade: number): number => 0.16 + (0.62 * shade) / (SHADES - 1);

/** How charts look, with colours written as `colour` gives them, and mixtures as `mixture` does. */
const styleWith = (
  colour: (name: string) => string,
  mixture: (name: string, part: number) => string,
): string => `.chart{display:block;font:13px system-ui,sans-serif;overflow:visible}
.chart text{fill:${colour("soft")}}
.chart .label{fill:${colour("ink")}}
.chart .italic{font-style:italic}
.chart .axis-grid{stroke:${colour("line")};fill:none}
.chart .axis-zero{stroke:${colour("soft")};fill:none}
.chart .curve{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.chart .thin{stroke-width:1.25}
.chart .dashed{stroke-dasharray:5 5}
.chart .area{stroke:none;opacity:.18}
.chart .band{stroke:none;fill-opacity:.085;fill-rule:evenodd}
.chart .dots{fill:none;stroke-width:7;stroke-linecap:round}
.chart .dots-rim{fill:none;stroke-width:9;stroke-linecap:round;stroke:${colour("ground")}}
.chart .level{fill:none;stroke-width:1}
.chart .node{stroke-width:1.5;fill:${colour("surface")}}
.chart .plate{fill:${colour("ground")}}
.chart .knob{stroke:${colour("ground")};stroke-width:2}
.chart .halo{paint-order:stroke;stroke:${colour("ground")};stroke-width:4px;stroke-linejoin:round}
.chart .hit{fill:transparent}
.chart .handle{cursor:grab}
.chart .handle:focus{outline:none}
.chart .handle:focus-visible .knob{stroke:${colour("ink")};stroke-width:3}
.chart .tone-muted{stroke:${colour("soft")}}
.chart .fill-muted{fill:${colour("soft")}}
.chart .cell,.chart .sheet{stroke-width:.6;stroke-linejoin:round}
.chart .sheet{fill-opacity:.3;stroke-opacity:.55}
${Array.from({ length: SHADES }, (_, i) => `.chart .shade-${i}{fill:${mixture("forward", partOf(i))};stroke:${mixture("forward", Math.min(1, partOf(i) + 0.14))}}`).join("\n")}
${TONES.map((t) => `.chart .tone-${t}{stroke:${colour(t)}}.chart .fill-${t}{fill:${colour(t)}}`).join("\n")}`;

/** In a page, where the colours are variables. */
export const chartStyle: string = styleWith(
  (name) => `var(--${name})`,
  (name, part) => `color-mix(in srgb,var(--${name}) ${Math.round(100 * part)}%,var(--ground))`,
);

/** Two colours as six hexadecimal digits, mixed: `part` of the first. */
function mixed(a: string, b: string, part: number): string {
  const of = (text: string, at: number) => Number.parseInt(text.slice(1 + 2 * at, 3 + 2 * at), 16);
  return `#${[0, 1, 2]
    .map((i) =>
      Math.round(part * of(a, i) + (1 - part) * of(b, i))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

const plainStyle = (theme: "light" | "dark"): string =>
  styleWith(
    (name) => COLOURS[theme][name],
    (name, part) => mixed(COLOURS[theme][name], COLOURS[theme].ground, part),
  );

/** For a file that stands by itself: plain colours, since not every program that opens it knows variables. */
export const fileStyle: string = [
  `svg{background:${COLOURS.light.ground}}`,
  plainStyle("light"),
  `@media (prefers-color-scheme:dark){svg{background:${COLOURS.dark.ground}}`,
  `${plainStyle("dark")}}`,
].join("\n");
