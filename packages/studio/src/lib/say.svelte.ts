/** A short message at the foot of the page, spoken too. */
class Message {
  text = $state("");
}

export const message = new Message();
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  message.text = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    message.text = "";
  }, 3000);
}
