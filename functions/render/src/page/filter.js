(() => {
  const filter = document.querySelector(".filter");
  const [input, output] = [filter.querySelector("input"), filter.querySelector("output")];
  const links = [...document.querySelectorAll(".index li")];
  const cards = [...document.querySelectorAll(".column")];
  const texts = cards.map((card) => card.querySelector(".name").textContent.toLowerCase());
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    const shown = texts.map((text) => words.every((word) => text.includes(word)));
    shown.forEach((is, index) => (cards[index].hidden = links[index].hidden = !is));
    output.textContent = `${shown.filter(Boolean).length} of ${cards.length} columns`;
  };
  input.addEventListener("input", show);
  filter.hidden = false;
  show();
})();
