/** Lessons: Markdown with live blocks, to pages that need no server. */
export { frontMatter } from "./front-matter.ts";
export { indexPage, type LessonEntry, lessonPage } from "./page.ts";
export { type Block, type Lesson, noSuchPart, type Problem, readLesson, unreadable } from "./read.ts";
export { failed, type RenderedBlock, renderBlock } from "./render.ts";
export { lessonStyle } from "./style.ts";
