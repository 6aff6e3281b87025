import { chartStyle, colourStyle } from "gradus-charts";
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { store } from "./state/store.svelte.ts";
import { views } from "./views/index.ts";
import { begin } from "./worker/client.ts";

begin(store.view || views[0].name);

// The charts' own style is one text for the page, the lessons and files.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`${colourStyle}\n${chartStyle}`);
document.adoptedStyleSheets = [sheet];

mount(App, { target: document.getElementById("app") as HTMLElement });
