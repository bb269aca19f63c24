// Two pages of runs side by side: the one that is used leads, and the other goes along with it.
function onPair() {
  const frames = [...page.querySelectorAll("iframe")];
  addEventListener("message", (event) => {
    const leader = frames.find((frame) => frame.contentWindow === event.source);
    if (!leader || leader !== document.activeElement || event.data?.vprog !== "time") return;
    for (const frame of frames)
      if (frame !== leader) frame.contentWindow.postMessage({...event.data, vprog: "follow"}, windows);
  });
}
if (data.pair) onPair();
