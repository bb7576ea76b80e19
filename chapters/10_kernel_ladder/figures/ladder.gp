# GMAC/s of the rungs at 64 rows, with the limit of their instructions.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Not every idea pays by itself; together they reach the limit (layer 1, 64 rows)"
set ylabel "GMAC/s"
set xrange [-0.6:7.6]
set yrange [0:150]
set bmargin 4
set xtics ("float\nloops" 0, "OpenBLAS\nfloat" 1, "plain\nint8" 2, "compiled\nfor AVX2" 3, "vpmadd-\nwd" 4, "vpmadd-\nubsw" 5, "packed" 6, "4 x 16\ntiles" 7)
set grid ytics lc rgb "#dddddd"
set key left top
set boxwidth 0.6
set style fill solid
plot csv."/ladder.csv" using 0:2 skip 1 with boxes lc rgb "#0072B2" title "measured", \
     "" using 0:($4 > 0 ? $4 : 1/0) skip 1 with points pt 9 ps 1.2 lc rgb "#D55E00" title "limit of its instructions"
