# Layer 1, per channel: how many of 100 steps run and how many groups are widened, by the number of
# outputs that stand in the lanes and must agree.
set terminal svg size 720,400 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "The fewer outputs must agree, the less is to be done (layer 1, per channel)"
set xlabel "outputs that share a lane's proof"
set ylabel "of 100 steps"
set logscale x 2
set xrange [0.9:18]
set yrange [0:240]
set xtics (1, 2, 4, 8, 16)
set grid ytics lc rgb "#dddddd"
set key left top
plot csv."/who_shares.csv" using 1:4 skip 1 with linespoints lw 2 pt 7 lc rgb "#D55E00" title "steps that run, inputs to 255", \
     "" using 1:2 skip 1 with linespoints lw 2 pt 7 lc rgb "#0072B2" title "steps that run, inputs to 127", \
     "" using 1:5 skip 1 with linespoints lw 2 pt 5 dt 2 lc rgb "#D55E00" title "groups to widen, inputs to 255", \
     "" using 1:3 skip 1 with linespoints lw 2 pt 5 dt 2 lc rgb "#0072B2" title "groups to widen, inputs to 127"
