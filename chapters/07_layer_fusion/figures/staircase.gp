# What layer 1 makes of a real sum, fused and unfused.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "The same eight bits: fused, layer 1 has 2.8 steps where it had one"
set xlabel "the sum as a real number"
set ylabel "the output as a real number"
set xrange [-0.5:1.5]
set yrange [-0.1:1.6]
set grid lc rgb "#dddddd"
set key left top
plot csv."/staircase.csv" using 1:($1 > 0 ? $1 : 0) skip 1 with lines lw 1 dt 2 lc rgb "#888888" title "ReLU in reals", \
     "" using 1:2 skip 1 with lines lw 2 lc rgb "#D55E00" title "unfused: observed before ReLU", \
     "" using 1:3 skip 1 with lines lw 2 lc rgb "#0072B2" title "fused: observed after ReLU"
