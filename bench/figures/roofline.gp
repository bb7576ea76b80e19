# Products a byte against GMAC/s: gnuplot -c roofline.gp POINTS.csv ROOFS.csv OUT.svg
# The flat roofs are the limits of the instructions. The slope is main memory; what fits the caches may lie above.
set terminal svg size 900,560 font "Helvetica,13" noenhanced background rgb "white"
set output ARG3
set datafile separator ","
set title "How near to the limits: products M x K x N, one thread"
set xlabel "products a byte (every matrix once)"
set ylabel "GMAC/s"
set logscale xy
set grid lc rgb "#dddddd"
set rmargin 34
set key inside left top Left reverse
stats ARG1 using 2 skip 1 name "X" nooutput
stats ARG1 using 3 skip 1 name "Y" nooutput
left = X_min / 2
right = X_max * 2
set xrange [left:right]
set yrange [Y_min / 2:*]
series(i) = word("ours,_7_bits ours,_8_bits oneDNN OpenBLAS,_float", i + 1)
spaced(text) = strstrt(text, "_") ? text[1:strstrt(text, "_") - 1]." ".spaced(text[strstrt(text, "_") + 1:*]) : text
colour(i) = word("#0072B2 #56B4E9 #D55E00 #999999", i + 1)
# A roof runs from where memory's slope meets it to the right edge. Their names, from slow to fast, take turns in
# three columns.
plot for [i = 0:3] ARG1 using ($1 == i ? $2 : NaN):3 skip 1 with points pt 7 ps 0.9 lc rgb colour(i) \
       title spaced(series(i)), \
     ARG2 using ($2 / $3):2:(right - $2 / $3):(0) skip 1 with vectors nohead lc rgb "#444444" notitle, \
     "" using (left):($3 * left):($2 / $3 - left):($2 - $3 * left) skip 1 with vectors nohead lc rgb "#009E73" notitle, \
     for [column = 0:2] "" using (right):2:1 skip 1 every 3::column with labels left offset 0.5 + 11 * column,0 \
       font ",10" notitle
