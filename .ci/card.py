#!/usr/bin/env python3
"""Draw nbs/assets/card.png, the picture that a link to the site shows in a chat: python .ci/card.py"""

from pathlib import Path
import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from multimodal_fusion.core import COLORS

width, height, lw = 1200, 630, 13
ink, paper = '#22252B', '#FFFFFF'
fig = plt.figure(figsize=(width / 100, height / 100), dpi=100, facecolor=paper)
ax = fig.add_axes((0, 0, 1, 1))
ax.set(xlim=(0, width), ylim=(height, 0))
ax.axis('off')

# the stripe along the top of every page
stops = matplotlib.colors.LinearSegmentedColormap.from_list('', [COLORS[k] for k in ('rgb', 'fused', 'fused', 'lidar')])
ax.imshow(np.linspace(0, 1, 256)[None], extent=(0, width, 14, 0), aspect='auto', cmap=stops, zorder=0)

ax.text(70, 118, 'multimodal_fusion', size=27, weight='bold', color=COLORS['fused'], va='center')
ax.text(
    70,
    222,
    'Where in a network should\na camera and a LiDAR meet?',
    size=33,
    weight='bold',
    color=ink,
    va='center',
    linespacing=1.25,
)

# three networks: a red and a blue line become a purple one early, midway, late
left, right, bend = 70, 1130, 60
for row, (name, x) in enumerate({'early': 330, 'intermediate': 640, 'late': 950}.items()):
    y = 355 + 98 * row
    ax.text(left - 3, y, name, size=15, color=COLORS['neutral'], va='center')
    t = np.linspace(0, 1, 60)
    for key, side in (('rgb', -1), ('lidar', 1)):
        ease = 3 * t**2 - 2 * t**3
        xs = np.r_[250, x - bend + bend * t]
        ys = np.r_[y + 24 * side, y + 24 * side * (1 - ease)]
        ax.plot(xs, ys, color=COLORS[key], lw=lw * 0.72, solid_capstyle='round')
    ax.plot([x, right], [y, y], color=COLORS['fused'], lw=lw * 0.72, solid_capstyle='round')
    ax.plot(x, y, 'o', color=COLORS['fused'], ms=24)
    ax.plot(x, y, 'o', color=paper, ms=9)

out = Path(__file__).resolve().parent.parent / 'nbs/assets/card.png'
fig.savefig(out, dpi=100, metadata={'Software': None})
print(out.name, out.stat().st_size, 'bytes')
