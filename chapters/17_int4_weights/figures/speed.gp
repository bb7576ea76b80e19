# 4096 x 4096 weights: 10^9 products a second against the number of rows.
set terminal svg size 720,480 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "4096 x 4096 weights, one thread"
set xlabel "rows"
set ylabel "10^9 products a second"
set logscale xy 2
set xrange [0.9:70]
set xtics (1, 2, 4, 8, 16, 64)
set grid lc rgb "#dddddd"
set key below
file = csv."/speed.csv"
plot file using "rows":"int4_128" with linespoints lw 3 pt 7 lc rgb "#D55E00" title "int4, groups of 128 (AVX2)", \
     file using "rows":"int4_32" with linespoints lw 2 pt 7 lc rgb "#E69F00" title "int4, groups of 32 (AVX2)", \
     file using "rows":"vnni" with linespoints lw 2 pt 5 lc rgb "#0072B2" title "int8, VNNI", \
     file using "rows":"avx2" with linespoints lw 2 pt 9 lc rgb "#009E73" title "int8, AVX2", \
     file using "rows":"float" with linespoints lw 2 pt 4 lc rgb "#777777" title "float, OpenBLAS"
