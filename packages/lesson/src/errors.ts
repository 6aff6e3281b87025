/** What is wrong with a lesson, for the one who writes it. */
export class LessonError extends Error {
  override readonly name = "LessonError";
}
