import { chartStyle, colourStyle } from "gradus-charts";
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";

// The charts' own style is one text for the page, the lessons and files.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`${colourStyle}\n${chartStyle}`);
document.adoptedStyleSheets = [sheet];

mount(App, { target: document.getElementById("app") as HTMLElement });
