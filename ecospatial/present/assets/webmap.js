// Shows the legend of the layer on view. Layer names pass through HTML, as Leaflet reads them.
addEventListener("load", () => MAP.on("baselayerchange", event => {
  const name = document.createElement("div");
  name.innerHTML = event.name;
  document.querySelectorAll(".legend").forEach(legend => {
    legend.hidden = legend.dataset.layer !== name.textContent;
  });
}));
